"""The common part of assessments, exclusions and clues: a state changed by people's acts, and its journal."""
