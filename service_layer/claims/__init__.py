"""Operations on claims."""
