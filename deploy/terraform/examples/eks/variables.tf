variable "region" {
  description = "AWS region of everything."
  type        = string
}

variable "cluster_name" {
  description = "Name of the EKS cluster; it is the cluster's name in Kubewhy too."
  type        = string
}

variable "image_repository" {
  description = "Repository of the app's image, such as ACCOUNT.dkr.ecr.REGION.amazonaws.com/kubewhy."
  type        = string
}

variable "image_digest" {
  description = "Digest of the app's image (sha256:...); empty: the chart's tag."
  type        = string
  default     = ""
}

variable "ingest_image_uri" {
  description = "Image of the function, in ECR of this account and region, by digest."
  type        = string
}

variable "ingest_architecture" {
  description = "What it was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "slack_channels" {
  description = "Ids of the channels (C...) in which this cluster may be asked about."
  type        = list(string)

  validation {
    condition     = length(var.slack_channels) > 0 && alltrue([for id in var.slack_channels : can(regex("^[CG][A-Z0-9]{6,}$", id))])
    error_message = "slack_channels holds at least one channel's id: C and letters and digits, at the bottom of its details."
  }
}

variable "models" {
  description = "Bedrock models in the order in which they are asked; empty: none, the playbook concludes alone."
  type        = list(string)
  default     = []
}

variable "settings" {
  description = "More of kubewhy.toml, as an object; a table of it replaces the one made here. See docs/configuration.md."
  type        = any
  default     = {}
}

variable "embeddings_use" {
  description = "none, or titan: logs are found by meaning too."
  type        = string
  default     = "none"
}

variable "identity_method" {
  description = "pod-identity (the cluster runs the add-on eks-pod-identity-agent), or irsa."
  type        = string
  default     = "pod-identity"
}

variable "oidc_provider_arn" {
  description = "ARN of the cluster's OIDC provider, for irsa."
  type        = string
  default     = null
}

variable "search_kind" {
  description = "managed (a domain) or serverless (a collection)."
  type        = string
  default     = "managed"
}

variable "search_instance_count" {
  description = "Data nodes of the domain."
  type        = number
  default     = 3
}

variable "search_subnet_ids" {
  description = "Private subnets of the domain and the function; empty: a public address, for signed requests alone."
  type        = list(string)
  default     = []
}

variable "search_security_group_ids" {
  description = "Security groups of the domain and the function within these; they let each other in on 443."
  type        = list(string)
  default     = []
}

variable "further_fluent_bit_role_arns" {
  description = "Roles of Fluent Bit in clusters of other accounts (see examples/further-cluster)."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "KMS key of your own for all that is stored; null: those of AWS."
  type        = string
  default     = null
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "More tags of every resource."
  type        = map(string)
  default     = {}
}
