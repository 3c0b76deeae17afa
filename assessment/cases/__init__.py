"""What assessments, exclusions and clues have in common: a state that people's acts change, and its journal."""
