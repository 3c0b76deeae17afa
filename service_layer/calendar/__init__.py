"""Operations on the working calendar: publishing arrangements, updating open claims."""
