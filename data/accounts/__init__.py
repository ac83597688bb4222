"""Who may come in: accounts, API tokens and live logins, in a file of their own or in a shared database."""
