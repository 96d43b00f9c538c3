"""The derandomizers, and the pieces they share."""
