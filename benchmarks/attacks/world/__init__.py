"""What is attacked: persons and case files, a registry's view of their codes, and variants of a profile."""
