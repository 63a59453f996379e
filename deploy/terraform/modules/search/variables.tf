variable "kind" {
  description = "managed: a domain of Amazon OpenSearch Service; serverless: a collection, searched by words alone."
  type        = string
  default     = "managed"

  validation {
    condition     = contains(["managed", "serverless"], var.kind)
    error_message = "kind is managed or serverless."
  }
}

variable "name" {
  description = "Name of the domain or collection."
  type        = string
  default     = "kubewhy-logs"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "The name has 3 to 28 lower-case letters, digits and '-', and begins with a letter."
  }
}

variable "alias" {
  description = "The alias that Kubewhy searches: [opensearch] alias of its settings."
  type        = string
  default     = "kubewhy-logs"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]*$", var.alias))
    error_message = "The alias is a name without wildcards: what may be read follows from it."
  }
}

variable "templates" {
  description = "The index of the vectors of templates: [opensearch] templates of the settings."
  type        = string
  default     = "kubewhy-templates"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]*$", var.templates))
    error_message = "templates is the name of one index, without wildcards."
  }
}

variable "audit_log" {
  description = "Whether Kubewhy may write its audit log there ([slack] audit_index). It takes POST /_bulk, by which any index can be written."
  type        = bool
  default     = false
}

variable "engine_version" {
  description = "Version of a managed domain: OpenSearch_2.19 or later."
  type        = string
  default     = "OpenSearch_2.19"

  validation {
    condition     = can(regex("^OpenSearch_(2\\.(1[1-9]|[2-9][0-9])|[3-9]\\.[0-9]+)$", var.engine_version))
    error_message = "engine_version is OpenSearch_2.11 or later: searches use flat_object and filtered k-NN."
  }
}

variable "instance_type" {
  description = "Instance type of a managed domain's data nodes."
  type        = string
  default     = "r7g.large.search"

  validation {
    condition     = endswith(var.instance_type, ".search")
    error_message = "Instance types of OpenSearch end in .search."
  }
}

variable "instance_count" {
  description = "Number of a managed domain's data nodes; 1 has neither a second zone nor copies."
  type        = number
  default     = 3

  validation {
    condition     = var.instance_count >= 1 && floor(var.instance_count) == var.instance_count && (var.instance_count == 1 || var.instance_count % 2 == 0 || var.instance_count % 3 == 0)
    error_message = "instance_count is 1, or a multiple of 2 or 3: nodes are spread over two or three zones."
  }
}

variable "dedicated_masters" {
  description = "Whether a managed domain has three master nodes of its own."
  type        = bool
  default     = true
}

variable "master_type" {
  description = "Instance type of these."
  type        = string
  default     = "m7g.medium.search"

  validation {
    condition     = endswith(var.master_type, ".search")
    error_message = "Instance types of OpenSearch end in .search."
  }
}

variable "volume_gib" {
  description = "Disk of each data node, in GiB."
  type        = number
  default     = 100

  validation {
    condition     = var.volume_gib >= 10 && var.volume_gib <= 16384
    error_message = "volume_gib lies between 10 and 16384."
  }
}

variable "subnet_ids" {
  description = "Subnets of a managed domain, one for each zone; empty: a public address, which signed requests alone can use."
  type        = list(string)
  default     = []
}

variable "security_group_ids" {
  description = "Security groups of a managed domain within a VPC; they let 443 in from the function and from Kubewhy."
  type        = list(string)
  default     = []
}

variable "vpc_endpoint_ids" {
  description = "VPC endpoints through which a collection is reached; empty: a public address, which signed requests alone can use."
  type        = list(string)
  default     = []
}

variable "standby_replicas" {
  description = "Whether a collection has a second copy in another zone."
  type        = bool
  default     = true
}

variable "retention_days" {
  description = "Days until a collection deletes an index. In a domain the function sees to that: KUBEWHY_OPENSEARCH__RETENTION_DAYS."
  type        = number
  default     = 14

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650
    error_message = "retention_days lies between 1 and 3650."
  }
}

variable "log_retention_days" {
  description = "Days that a domain's own logs are kept in CloudWatch."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "ARN of a KMS key of your own; null: one of AWS."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "reader_role_arns" {
  description = "Roles of Kubewhy in other accounts that search a managed domain."
  type        = list(string)
  default     = []
}

variable "serverless_reader_role_arns" {
  description = "Roles of Kubewhy that search a collection, also of this account."
  type        = list(string)
  default     = []
}

variable "serverless_writer_role_arns" {
  description = "Roles that write into a collection: that of the function."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
