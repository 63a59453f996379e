variable "name" {
  description = "Name of the stream."
  type        = string
  default     = "kubewhy-logs"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,128}$", var.name))
    error_message = "A stream's name has 1 to 128 letters, digits, '_', '.' and '-'."
  }
}

variable "shards" {
  description = "Number of shards; 0: on demand, which scales by itself and is paid by volume."
  type        = number
  default     = 0

  validation {
    condition     = var.shards >= 0 && var.shards <= 500 && floor(var.shards) == var.shards
    error_message = "shards is a whole number from 0 to 500."
  }
}

variable "retention_hours" {
  description = "How long records are kept: an outage of OpenSearch may last that long without loss."
  type        = number
  default     = 24

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760
    error_message = "Kinesis keeps records for 24 to 8760 hours."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key of your own; null: the one of AWS for Kinesis. Writers of other accounts need one."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "writer_role_arns" {
  description = "Roles of Fluent Bit in other accounts, which may write to the stream too."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.writer_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "Each of writer_role_arns is the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
