"""The policy language: documents, requests, decisions. Pure; it knows no entities, no store and no HTTP."""
