"""Certificates for networks that are trained already, by whatever trained them."""
