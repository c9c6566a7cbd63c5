"""Outputs: label images, ROI sets, tables and pictures."""
