"""The night in Huaiji, played on the real parts."""
