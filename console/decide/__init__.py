"""One function a command: look at the picture, then give the events it becomes, or refuse in words."""
