# Terraform signs in as a user who may do nothing but assume the roles below. Where the server is, and that user's
# key, come from the environment, as `rolekeeper env` writes them: nothing here names an endpoint.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"

  assume_role {
    role_arn            = "arn:aws:iam::123456789012:role/deployer"
    session_name        = "terraform"
    external_id         = "deploy"
    duration            = "1h"
    tags                = { project = "journey" }
    transitive_tag_keys = ["project"]
  }

  default_tags {
    tags = { made-by = "terraform" }
  }
}

# The same user in another account, and in another region, for which this provider signs IAM's requests too.
provider "aws" {
  alias  = "partner"
  region = "eu-west-1"

  assume_role {
    role_arn     = "arn:aws:iam::444455556666:role/deployer"
    session_name = "terraform"
  }
}

variable "later" {
  description = "Whether everything that can be changed in place is changed."
  type        = bool
  default     = false
}

variable "files" {
  description = "The folder with certificates, keys and SAML metadata."
  type        = string
}
