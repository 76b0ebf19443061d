"""What each port promises, as checks that every engine passes; for authors of engines, ours and yours."""
