variable "cluster_name" {
  description = "Name of the EKS cluster whose Pods take on the roles."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$", var.cluster_name))
    error_message = "cluster_name is the name of an EKS cluster, not its ARN."
  }
}

variable "namespace" {
  description = "Namespace of Fluent Bit and Kubewhy."
  type        = string
  default     = "kubewhy"
}

variable "method" {
  description = "pod-identity (the cluster runs the add-on eks-pod-identity-agent), or irsa (it has an OIDC provider)."
  type        = string
  default     = "pod-identity"

  validation {
    condition     = contains(["pod-identity", "irsa"], var.method)
    error_message = "method is pod-identity or irsa."
  }
}

variable "oidc_provider_arn" {
  description = "ARN of the cluster's OIDC provider, for irsa."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+$", var.oidc_provider_arn))
    error_message = "oidc_provider_arn is arn:aws:iam::ACCOUNT:oidc-provider/HOST/id/ID."
  }

  validation {
    condition     = var.method != "irsa" || var.oidc_provider_arn != null
    error_message = "IRSA takes the cluster's OIDC provider: set oidc_provider_arn, or method = \"pod-identity\"."
  }
}

variable "name_prefix" {
  description = "What the names of the roles begin with; PREFIXfluent-bit-CLUSTER has at most 64 characters."
  type        = string
  default     = "kubewhy-"
}

variable "fluent_bit_service_accounts" {
  description = "ServiceAccounts of Fluent Bit: on each node, and of the one Pod that reads events; empty: it does not run here."
  type        = set(string)
  default     = ["kubewhy-fluent-bit", "kubewhy-fluent-bit-events"]
}

variable "kubewhy_service_account" {
  description = "ServiceAccount of Kubewhy; null: it does not run in this cluster, which only ships its logs."
  type        = string
  default     = "kubewhy"
}

variable "stream_arn" {
  description = "ARN of the stream that Fluent Bit writes to, also of another account."
  type        = string
  default     = null

  validation {
    condition     = var.stream_arn == null || can(regex("^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[^*]+$", var.stream_arn))
    error_message = "stream_arn names one stream: arn:aws:kinesis:REGION:ACCOUNT:stream/NAME."
  }
}

variable "stream_kms_key_arn" {
  description = "The key of your own that encrypts the stream; null: that of AWS."
  type        = string
  default     = null
}

variable "models" {
  description = "Bedrock models that Kubewhy may invoke, by their ids: those of [models.routes], the classifier, and amazon.titan-embed-text-v2:0 for embeddings."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.models : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+(\\.[0-9]+)*(:[0-9]+)?$", id))])
    error_message = "models are ids without wildcards, such as deepseek.v3.2 or us.anthropic.claude-sonnet-4-5-20250929-v1:0."
  }
}

variable "bedrock_region" {
  description = "Region of Bedrock: [models] region; null: this one."
  type        = string
  default     = null
}

variable "profile_regions" {
  description = "Regions that an inference profile may send a request to, by its prefix; see `aws bedrock get-inference-profile`. Models behind a global one have an ARN without a region: \"\"."
  type        = map(list(string))
  default = {
    us     = ["us-east-1", "us-east-2", "us-west-2"]
    eu     = ["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"]
    apac   = ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2"]
    jp     = ["ap-northeast-1", "ap-northeast-3"]
    global = [""]
    au     = ["ap-southeast-2", "ap-southeast-4"]
  }

  validation {
    condition     = alltrue([for regions in values(var.profile_regions) : length(regions) > 0 && !contains(regions, "*")])
    error_message = "profile_regions names regions, at least one a prefix, and no wildcard."
  }
}

variable "guardrail_arn" {
  description = "ARN of the guardrail in [models] guardrail; null: none."
  type        = string
  default     = null
}

variable "opensearch_reader_policy" {
  description = "IAM policy of who searches, as JSON: output reader_policy of module search; null: the clusters' own logs are read."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles; null: none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
