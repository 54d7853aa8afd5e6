"""What is measured, as data that statisticians edit, and the loader that checks it whole."""
