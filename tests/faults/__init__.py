"""What breaks under load, and what must hold afterwards: `make faults`, in short in the suite."""
