"""One file a fault. Its docstring says what a caller and an operator see; ``kind`` says what it does."""
