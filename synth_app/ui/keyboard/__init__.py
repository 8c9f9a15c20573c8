"""Playing by mouse and computer keyboard."""
