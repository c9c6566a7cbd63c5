"""Evaluation: how good are the labels."""
