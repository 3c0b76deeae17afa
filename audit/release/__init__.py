"""The release gate: what this code would have done, held against what histories say was done."""
