variable "region" {
  description = "AWS region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the EKS cluster; give it the same name under [clusters] of Kubewhy's settings."
  type        = string
}

variable "stream_arn" {
  description = "The stream of the first cluster: output stream_arn of examples/eks."
  type        = string
}

variable "stream_kms_key_arn" {
  description = "The key of your own that encrypts it; null: that of AWS."
  type        = string
  default     = null
}

variable "tags" {
  description = "More tags of every resource."
  type        = map(string)
  default     = {}
}
