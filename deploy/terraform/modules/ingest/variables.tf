variable "name" {
  description = "Name of the function; its role, its log group and its queues are named after it."
  type        = string
  default     = "kubewhy-ingest"

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,60}$", var.name))
    error_message = "The name has 1 to 60 letters, digits, '-' and '_'."
  }
}

variable "image_uri" {
  description = "The image in a registry of ECR in this region; by digest, so that it cannot change unseen."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/.+(:.+|@sha256:[0-9a-f]{64})$", var.image_uri))
    error_message = "Lambda takes images of ECR alone: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:DIGEST."
  }
}

variable "image_entry_point" {
  description = "Entry point of the image; empty: the image's own."
  type        = list(string)
  default     = []
}

variable "architecture" {
  description = "Architecture that the image was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "stream_arn" {
  description = "ARN of the stream that is read."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/.+$", var.stream_arn))
    error_message = "stream_arn is the ARN of a stream: arn:aws:kinesis:REGION:ACCOUNT:stream/NAME."
  }
}

variable "stream_kms_key_arn" {
  description = "The key of your own that encrypts the stream; null: that of AWS."
  type        = string
  default     = null
}

variable "opensearch_url" {
  description = "[opensearch] url: where lines are written."
  type        = string

  validation {
    condition     = startswith(var.opensearch_url, "https://")
    error_message = "Requests are signed: opensearch_url begins with https://."
  }
}

variable "opensearch_service" {
  description = "What requests are signed for: es (a domain) or aoss (a collection)."
  type        = string
  default     = "es"

  validation {
    condition     = contains(["es", "aoss"], var.opensearch_service)
    error_message = "opensearch_service is es or aoss."
  }
}

variable "opensearch_writer_policy" {
  description = "IAM policy of who writes into OpenSearch, as JSON: output writer_policy of module search."
  type        = string

  validation {
    condition     = can(jsondecode(var.opensearch_writer_policy).Statement)
    error_message = "opensearch_writer_policy is an IAM policy in JSON."
  }
}

variable "embeddings_use" {
  description = "none, or titan: templates of lines get vectors, so that logs are found by meaning too."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "titan"], var.embeddings_use)
    error_message = "embeddings_use is none or titan."
  }
}

variable "embeddings_dimensions" {
  description = "Length of a vector; the same as in Kubewhy's settings."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024], var.embeddings_dimensions)
    error_message = "embeddings_dimensions is 256, 512 or 1024."
  }
}

variable "embeddings_region" {
  description = "Region of Bedrock for embeddings; null: this one."
  type        = string
  default     = null
}

variable "environment" {
  description = "More settings, by their names as variables: KUBEWHY_OPENSEARCH__RETENTION_DAYS = \"30\"."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment) : startswith(name, "KUBEWHY_") || startswith(name, "POWERTOOLS_")])
    error_message = "Settings begin with KUBEWHY_ (see docs/configuration.md) or POWERTOOLS_."
  }
}

variable "memory_mib" {
  description = "Memory of the function, in MiB; its share of a processor grows with it."
  type        = number
  default     = 1024

  validation {
    condition     = var.memory_mib >= 512 && var.memory_mib <= 10240
    error_message = "memory_mib lies between 512 and 10240."
  }
}

variable "timeout_seconds" {
  description = "Seconds for one batch: OpenSearch may answer late, and is asked again."
  type        = number
  default     = 120

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 900
    error_message = "timeout_seconds lies between 60 and 900."
  }
}

variable "reserved_concurrency" {
  description = "The most copies of the function at a time; -1: as many as the stream has shards, times parallelization."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "reserved_concurrency is -1, or at least 1: 0 would stop the function."
  }
}

variable "batch_size" {
  description = "Records of a batch."
  type        = number
  default     = 500

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000
    error_message = "batch_size lies between 1 and 10000."
  }
}

variable "batching_seconds" {
  description = "How long a batch that is not full is waited for: a line is found that much later."
  type        = number
  default     = 5

  validation {
    condition     = var.batching_seconds >= 0 && var.batching_seconds <= 300
    error_message = "batching_seconds lies between 0 and 300."
  }
}

variable "parallelization" {
  description = "Batches of one shard at a time. Lines of one partition key keep their order."
  type        = number
  default     = 1

  validation {
    condition     = var.parallelization >= 1 && var.parallelization <= 10
    error_message = "parallelization lies between 1 and 10."
  }
}

variable "retry_attempts" {
  description = "How often a batch is tried again before it is given up; an outage of OpenSearch takes many."
  type        = number
  default     = 1000

  validation {
    condition     = var.retry_attempts >= 1 && var.retry_attempts <= 10000
    error_message = "retry_attempts lies between 1 and 10000: without a bound one batch can stop a shard for good."
  }
}

variable "record_age_seconds" {
  description = "How old a record may become before it is given up; no more than the stream keeps."
  type        = number
  default     = 86400

  validation {
    condition     = var.record_age_seconds >= 60 && var.record_age_seconds <= 604800
    error_message = "record_age_seconds lies between 60 and 604800."
  }
}

variable "log_retention_days" {
  description = "Days that the function's own log is kept."
  type        = number
  default     = 365
}

variable "tracing" {
  description = "Whether X-Ray follows the function."
  type        = bool
  default     = false
}

variable "subnet_ids" {
  description = "Subnets of the function, to reach a domain within a VPC; empty: none. They need ways to SQS, and to Bedrock for embeddings."
  type        = list(string)
  default     = []
}

variable "security_group_ids" {
  description = "Security groups of the function within these."
  type        = list(string)
  default     = []
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role; null: none."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "ARN of a KMS key of your own for queues, log and variables; null: those of AWS. Its policy lets CloudWatch Logs use it."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
