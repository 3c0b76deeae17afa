"""Operations on attachments: uploading and reading them."""
