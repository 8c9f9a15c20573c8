"""The window: widgets that show the session and change it. The only Qt."""
