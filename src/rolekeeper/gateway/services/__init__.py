"""What is to be said of each service besides AWS's reference: a module a service, by botocore's names."""
