# An application with what it needs from services: a bucket, a table, a queue, a topic, a secret, an instance, a
# function and a task, each with a role that Terraform hands over. Endpoint and keys come from the environment.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}

variable "function_role" {
  description = "The role of the function: one that may be handed over, or another."
  type        = string
  default     = "app-function"
}

variable "code" {
  description = "The function's code, a ZIP file."
  type        = string
}

data "aws_caller_identity" "who" {}

locals {
  account = data.aws_caller_identity.who.account_id
  trusted = { app-instance = "ec2", app-function = "lambda", app-task = "ecs-tasks", admin = "lambda" }
}

resource "aws_iam_role" "app" {
  for_each = local.trusted
  name     = each.key
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "${each.value}.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "reads" {
  role = aws_iam_role.app["app-instance"].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/in/*" }]
  })
}

resource "aws_iam_instance_profile" "app" {
  name = "app-instance"
  role = aws_iam_role.app["app-instance"].name
}

resource "aws_s3_bucket" "data" {
  bucket = "terraform-data-${local.account}"
  tags   = { team = "data" }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "picture" {
  bucket  = aws_s3_bucket.data.id
  key     = "in/picture"
  content = "a picture"
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"
  attribute {
    name = "customer"
    type = "S"
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sns_topic" "news" {
  name = "news"
}

resource "aws_ssm_parameter" "size" {
  name  = "/app/size"
  type  = "String"
  value = "7"
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "app/db"
  recovery_window_in_days = 0
}

resource "aws_cloudwatch_log_group" "app" {
  name = "/app"
}

resource "aws_instance" "app" {
  ami                  = "ami-12c6146b"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.app.name
}

resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = aws_iam_role.app[var.function_role].arn
  runtime       = "python3.11"
  handler       = "index.handler"
  filename      = var.code
}

resource "aws_ecs_task_definition" "app" {
  family                = "app"
  task_role_arn         = aws_iam_role.app["app-task"].arn
  container_definitions = jsonencode([{ name = "app", image = "app", memory = 64 }])
}

output "instance" {
  value = aws_instance.app.id
}

output "bucket" {
  value = aws_s3_bucket.data.id
}
