"""Run the command line as `python -m alertcast`."""

from alertcast.cli import main

if __name__ == "__main__":
    main()
