variable "name_prefix" {
  description = "What the names of the alarms begin with."
  type        = string
  default     = "kubewhy-"
}

variable "function_name" {
  description = "Name of the function that reads the stream."
  type        = string
}

variable "stream_name" {
  description = "Name of the stream."
  type        = string
}

variable "queue_names" {
  description = "Queues that should stay empty: records that cannot be used, batches that were given up."
  type        = object({ records = string, batches = string })
}

variable "domain_name" {
  description = "Managed domain to watch; null: there is none."
  type        = string
  default     = null
}

variable "lag_minutes" {
  description = "Minutes that the function may be behind."
  type        = number
  default     = 10

  validation {
    condition     = var.lag_minutes >= 1 && var.lag_minutes <= 1440
    error_message = "lag_minutes lies between 1 and 1440."
  }
}

variable "topic_arns" {
  description = "SNS topics that are told; none: alarms are seen in CloudWatch alone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "topic_arns are ARNs of SNS topics."
  }
}

variable "tags" {
  description = "Tags of every alarm."
  type        = map(string)
  default     = {}
}
