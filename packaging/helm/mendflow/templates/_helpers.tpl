{{- define "mendflow.labels" -}}
app.kubernetes.io/name: mendflow
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
{{- define "mendflow.selector" -}}
app.kubernetes.io/name: mendflow
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "mendflow.name" -}}
{{ printf "%s-mendflow" .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- define "mendflow.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "mendflow.container" -}}
image: {{ include "mendflow.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- if .Values.ledger.existingSecret }}
env:
  - name: PGPASSWORD
    valueFrom: {secretKeyRef: {name: {{ .Values.ledger.existingSecret }}, key: {{ .Values.ledger.secretKey }}}}
{{- end }}
volumeMounts:
  - {name: config, mountPath: /etc/mendflow, readOnly: true}
  - {name: key, mountPath: /run/secrets/mendflow, readOnly: true}
  {{- if .Values.service.existingSecret }}
  - {name: service, mountPath: /run/secrets/mendflow-service, readOnly: true}
  {{- end }}
  {{- if .Values.ledger.existingSecret }}
  - {name: database, mountPath: /run/secrets/mendflow-ledger, readOnly: true}
  {{- end }}
  {{- if .Values.instanceSecret }}
  - {name: instances, mountPath: /run/secrets/mendflow-instances, readOnly: true}
  {{- end }}
  - {name: ledger, mountPath: /var/lib/mendflow}
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- end }}
