variable "region" {
  description = "AWS region of the cluster."
  type        = string
}

variable "name" {
  description = "Name of the cluster and its network."
  type        = string
  default     = "kubewhy-trial"
}

variable "kubernetes_version" {
  description = "Version of Kubernetes."
  type        = string
  default     = "1.34"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version is one such as 1.34."
  }
}

variable "allowed_cidrs" {
  description = "From where the API server may be reached, such as [\"203.0.113.7/32\"]; empty: from within the network alone."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0)) && cidr != "0.0.0.0/0"])
    error_message = "allowed_cidrs are networks, and not the whole internet."
  }
}

variable "cidr" {
  description = "Addresses of the network: a /16 or so."
  type        = string
  default     = "10.80.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15))
    error_message = "cidr is a network, such as 10.80.0.0/16."
  }
}

variable "instance_type" {
  description = "Instance type of the nodes."
  type        = string
  default     = "t4g.large"
}

variable "ami_type" {
  description = "Image of the nodes; it has to fit their architecture."
  type        = string
  default     = "AL2023_ARM_64_STANDARD"
}

variable "nodes" {
  description = "Number of nodes."
  type        = number
  default     = 2

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 10
    error_message = "nodes lies between 1 and 10."
  }
}

variable "tags" {
  description = "More tags of every resource."
  type        = map(string)
  default     = {}
}
