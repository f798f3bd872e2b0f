"""What can be seen from outside the provider's account: names, addresses, webhooks' hosts, the customer's own parts."""
