"""Operations on editions of the policy: publishing, and what they change."""
