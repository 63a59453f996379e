{{- define "fluent-bit.name" -}}
{{- if contains "kubewhy-fluent-bit" .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-kubewhy-fluent-bit" .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "fluent-bit.selector" -}}
app.kubernetes.io/name: fluent-bit
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "fluent-bit.labels" -}}
{{ include "fluent-bit.selector" . }}
app.kubernetes.io/part-of: kubewhy
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "fluent-bit.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ printf "%s@%s" .repository .digest }}
{{- else -}}
{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The container, without its mounts: (dict "root" $ "main" FILE "resources" RESOURCES) */ -}}
{{- define "fluent-bit.container" -}}
{{- $values := .root.Values -}}
- name: fluent-bit
  image: {{ include "fluent-bit.image" .root | quote }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  command: [/fluent-bit/bin/fluent-bit]
  args: [--config, /fluent-bit/kubewhy/{{ .main }}]
  env:
    - name: CLUSTER
      value: {{ required "cluster: the name that this cluster's records carry" $values.cluster | quote }}
    - name: NODE_NAME
      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
    {{- if eq $values.output "kinesis" }}
    - name: AWS_REGION
      value: {{ required "kinesis.region" $values.kinesis.region | quote }}
    - name: KINESIS_STREAM
      value: {{ required "kinesis.stream" $values.kinesis.stream | quote }}
    {{- else if eq $values.output "ingest" }}
    - name: INGEST_HOST
      value: {{ required "ingest.host" $values.ingest.host | quote }}
    - name: INGEST_PORT
      value: {{ $values.ingest.port | quote }}
    {{- else }}
    - name: OPENSEARCH_HOST
      value: {{ required "opensearch.host" $values.opensearch.host | quote }}
    - name: OPENSEARCH_PORT
      value: {{ $values.opensearch.port | quote }}
    - name: OPENSEARCH_TLS
      value: {{ ternary "on" "off" $values.opensearch.tls | quote }}
    - name: OPENSEARCH_AWS_AUTH
      value: {{ ternary "on" "off" $values.opensearch.aws.auth | quote }}
    - name: AWS_REGION
      value: {{ $values.opensearch.aws.region | quote }}
    - name: OPENSEARCH_AWS_SERVICE
      value: {{ $values.opensearch.aws.service | quote }}
    {{- range $name := list "user" "password" }}
    - name: OPENSEARCH_{{ $name | upper }}
      {{- if $values.opensearch.existingSecret }}
      valueFrom:
        secretKeyRef:
          name: {{ $values.opensearch.existingSecret }}
          key: {{ $name }}
      {{- else }}
      value: ""
      {{- end }}
    {{- end }}
    {{- end }}
  ports:
    - name: http
      containerPort: 2020
  # It lives while it answers: to start it again does not help an output that is not taken.
  livenessProbe:
    httpGet: {path: /, port: http}
    periodSeconds: 20
    failureThreshold: 3
  readinessProbe:
    httpGet: {path: /api/v1/health, port: http}
    periodSeconds: 20
  resources: {{- toYaml .resources | nindent 4 }}
{{- end -}}
