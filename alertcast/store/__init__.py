"""What happened: the only place that speaks SQL."""
