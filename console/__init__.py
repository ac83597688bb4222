"""What people see and do: the Panel application, the command line and the one door in front of them."""
