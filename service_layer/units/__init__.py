"""Operations on units and their accounts."""
