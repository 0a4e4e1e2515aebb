"""The operations of EKS and EKS Auth that are about identities, and the clusters that they are about."""
