{{- define "kubewhy.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}

{{- define "kubewhy.fullname" -}}
{{- $name := include "kubewhy.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "kubewhy.selector" -}}
app.kubernetes.io/name: {{ include "kubewhy.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kubewhy.labels" -}}
{{ include "kubewhy.selector" . }}
app.kubernetes.io/part-of: kubewhy
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "kubewhy.account" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "kubewhy.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "kubewhy.image" -}}
{{- $image := .Values.image -}}
{{- $repository := required "image.repository: where you pushed the image that `docker build --target app .` makes" $image.repository -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository ($image.tag | default .Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{- /* How Slack reaches it: over a connection of its own (socket), or over HTTP. */ -}}
{{- define "kubewhy.mode" -}}
{{ dig "slack" "mode" "socket" .Values.settings }}
{{- end -}}

{{- /* kubewhy.toml. Helm reads every number as a float; a whole one is written without its ".0". */ -}}
{{- define "kubewhy.toml" -}}
{{- regexReplaceAll "(?m)= (-?[0-9]+)\\.0$" (toToml .Values.settings) "= ${1}" -}}
{{- end -}}

{{- /* What a Pod has whatever it does. */ -}}
{{- define "kubewhy.pod" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
nodeSelector: {{- toYaml .Values.nodeSelector | nindent 2 }}
tolerations: {{- toYaml .Values.tolerations | nindent 2 }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- /* What a container has whatever it does. It works in its state's folder, where kubewhy.toml is, too. */ -}}
{{- define "kubewhy.container" -}}
name: kubewhy
image: {{ include "kubewhy.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
workingDir: /var/lib/kubewhy
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: state, mountPath: /var/lib/kubewhy}
  - {name: settings, mountPath: /var/lib/kubewhy/kubewhy.toml, subPath: kubewhy.toml, readOnly: true}
  - {name: temporary, mountPath: /tmp}
  {{- if .Values.kubeconfig.existingSecret }}
  - {name: kubeconfig, mountPath: /etc/kubewhy, readOnly: true}
  {{- end }}
{{- end -}}

{{- define "kubewhy.volumes" -}}
- name: settings
  configMap: {name: {{ include "kubewhy.fullname" . }}}
- name: temporary
  emptyDir: {sizeLimit: 64Mi}
{{- with .Values.kubeconfig.existingSecret }}
- name: kubeconfig
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{- /* Secrets by reference only. */ -}}
{{- define "kubewhy.secretEnv" -}}
{{- range $name, $from := .Values.secretEnv }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.secret }}, key: {{ $from.key }}}}
{{- end }}
{{- if .Values.kubeconfig.existingSecret }}
- name: KUBECONFIG
  value: /etc/kubewhy/kubeconfig
{{- end }}
{{- end -}}
