{{- /* The rules of deploy/kubernetes: rbac.yaml, and rbac-namespaced.yaml. */ -}}
{{- define "kubewhy.rules" -}}
# what runs, what it is configured with, what happened
- apiGroups: [""]
  resources:
    - configmaps
    - endpoints
    - events
    - limitranges
    - namespaces
    - nodes
    - persistentvolumeclaims
    - persistentvolumes
    - pods
    - podtemplates
    - replicationcontrollers
    - resourcequotas
    - serviceaccounts
    - services
  verbs: [get, list, watch]
# container logs, current and previous
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
# the newer face of events
- apiGroups: ["events.k8s.io"]
  resources: [events]
  verbs: [get, list, watch]
- apiGroups: ["apps"]
  resources: [controllerrevisions, daemonsets, deployments, replicasets, statefulsets]
  verbs: [get, list, watch]
- apiGroups: ["batch"]
  resources: [cronjobs, jobs]
  verbs: [get, list, watch]
- apiGroups: ["autoscaling"]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch]
- apiGroups: ["policy"]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch]
- apiGroups: ["discovery.k8s.io"]
  resources: [endpointslices]
  verbs: [get, list, watch]
- apiGroups: ["networking.k8s.io"]
  resources: [ingressclasses, ingresses, ipaddresses, networkpolicies, servicecidrs]
  verbs: [get, list, watch]
# who may do what: "forbidden" is a cause too
- apiGroups: ["rbac.authorization.k8s.io"]
  resources: [clusterrolebindings, clusterroles, rolebindings, roles]
  verbs: [get, list, watch]
# who leads, which node still reports
- apiGroups: ["coordination.k8s.io"]
  resources: [leases]
  verbs: [get, list, watch]
# devices
- apiGroups: ["resource.k8s.io"]
  resources: [deviceclasses, resourceclaims, resourceclaimtemplates, resourceslices]
  verbs: [get, list, watch]
- apiGroups: ["storage.k8s.io"]
  resources:
    - csidrivers
    - csinodes
    - csistoragecapacities
    - storageclasses
    - volumeattachments
    - volumeattributesclasses
  verbs: [get, list, watch]
# what `kubectl top` reads, where a metrics server runs
- apiGroups: ["metrics.k8s.io"]
  resources: [nodes, pods]
  verbs: [get, list]
- apiGroups: [""]
  resources: [componentstatuses]
  verbs: [get, list]
- apiGroups: ["node.k8s.io"]
  resources: [runtimeclasses]
  verbs: [get, list, watch]
- apiGroups: ["scheduling.k8s.io"]
  resources: [priorityclasses]
  verbs: [get, list, watch]
# what may refuse or change an object on its way in
- apiGroups: ["admissionregistration.k8s.io"]
  resources:
    - mutatingwebhookconfigurations
    - validatingadmissionpolicies
    - validatingadmissionpolicybindings
    - validatingwebhookconfigurations
  verbs: [get, list, watch]
# which custom resources there are (not their content)
- apiGroups: ["apiextensions.k8s.io"]
  resources: [customresourcedefinitions]
  verbs: [get, list, watch]
- apiGroups: ["apiregistration.k8s.io"]
  resources: [apiservices]
  verbs: [get, list, watch]
- apiGroups: ["certificates.k8s.io"]
  resources: [certificatesigningrequests]
  verbs: [get, list, watch]
- apiGroups: ["flowcontrol.apiserver.k8s.io"]
  resources: [flowschemas, prioritylevelconfigurations]
  verbs: [get, list, watch]
{{- end -}}

{{- define "kubewhy.namespacedRules" -}}
# what runs, what it is configured with, what happened
- apiGroups: [""]
  resources:
    - configmaps
    - endpoints
    - events
    - limitranges
    - persistentvolumeclaims
    - pods
    - podtemplates
    - replicationcontrollers
    - resourcequotas
    - serviceaccounts
    - services
  verbs: [get, list, watch]
# container logs, current and previous
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
# the newer face of events
- apiGroups: ["events.k8s.io"]
  resources: [events]
  verbs: [get, list, watch]
- apiGroups: ["apps"]
  resources: [controllerrevisions, daemonsets, deployments, replicasets, statefulsets]
  verbs: [get, list, watch]
- apiGroups: ["batch"]
  resources: [cronjobs, jobs]
  verbs: [get, list, watch]
- apiGroups: ["autoscaling"]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch]
- apiGroups: ["policy"]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch]
- apiGroups: ["discovery.k8s.io"]
  resources: [endpointslices]
  verbs: [get, list, watch]
- apiGroups: ["networking.k8s.io"]
  resources: [ingresses, networkpolicies]
  verbs: [get, list, watch]
# who may do what: "forbidden" is a cause too
- apiGroups: ["rbac.authorization.k8s.io"]
  resources: [rolebindings, roles]
  verbs: [get, list, watch]
# who leads, which node still reports
- apiGroups: ["coordination.k8s.io"]
  resources: [leases]
  verbs: [get, list, watch]
# devices
- apiGroups: ["resource.k8s.io"]
  resources: [resourceclaims, resourceclaimtemplates]
  verbs: [get, list, watch]
- apiGroups: ["storage.k8s.io"]
  resources: [csistoragecapacities]
  verbs: [get, list, watch]
# what `kubectl top` reads, where a metrics server runs
- apiGroups: ["metrics.k8s.io"]
  resources: [pods]
  verbs: [get, list]
{{- end -}}
