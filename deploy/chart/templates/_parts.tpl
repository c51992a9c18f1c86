{{/* Names, labels and what all pods of the manager share. */}}

{{- define "manager.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "manager.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "manager.secret" -}}
{{ .Values.secrets.existing | default (printf "%s-keys" .Release.Name) }}
{{- end }}

{{- define "manager.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Cluster-wide names: the usual ones in the usual namespace, so that two installations never share one. */}}
{{- define "manager.wide" -}}
{{ if eq .Release.Namespace "civiparoisse-manager" }}civiparoisse-manager{{ else }}civiparoisse-manager-{{ .Release.Namespace }}{{ end }}
{{- end }}

{{- define "manager.environment" -}}
- {name: CIVIPAROISSE_STATE_DIR, value: /var/lib/civiparoisse}
- {name: HOME, value: /tmp}
- {name: POD_ADDRESS, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
# Probes and Prometheus come to the pod's address, tests to the Service.
- {name: CIVIPAROISSE_ALLOWED_HOSTS, value: "{{ .Values.host }},localhost,{{ .Release.Name }}-web,$(POD_ADDRESS)"}
{{- if .Values.tls }}
- {name: CIVIPAROISSE_BEHIND_TLS, value: "1"}
{{- end }}
- {name: CIVIPAROISSE_TRUSTED_ORIGINS, value: "{{ ternary "https" "http" .Values.tls }}://{{ .Values.host }}"}
- {name: CIVIPAROISSE_PUBLIC_URL, value: "{{ ternary "https" "http" .Values.tls }}://{{ .Values.host }}"}
- {name: CIVIPAROISSE_DATABASE, value: mysql}
- {name: CIVIPAROISSE_MYSQL_HOST, value: {{ ternary (printf "%s-mysql" .Release.Name) .Values.mysql.host .Values.mysql.included | quote }}}
- {name: CIVIPAROISSE_MYSQL_PORT, value: {{ .Values.mysql.port | quote }}}
- {name: CIVIPAROISSE_MYSQL_NAME, value: {{ .Values.mysql.name | quote }}}
- {name: CIVIPAROISSE_MYSQL_USER, value: {{ .Values.mysql.user | quote }}}
- {name: CIVIPAROISSE_BROKER, value: redis}
- {name: CIVIPAROISSE_DEFAULT_ENGINE, value: {{ .Values.defaultEngine | quote }}}
- {name: CIVIPAROISSE_WORKER_THREADS, value: {{ .Values.worker.threads | quote }}}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "manager.confined" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "manager.container" -}}
image: {{ include "manager.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: {{ .command | toJson }}
env:
  {{- include "manager.environment" .root | nindent 2 }}
{{ include "manager.confined" .root }}
volumeMounts:
  - {name: state, mountPath: /var/lib/civiparoisse}
  - {name: keys, mountPath: /var/lib/civiparoisse/keys, readOnly: true}
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{/* root, part, account: whether the pod speaks with this cluster. */}}
{{- define "manager.pod" -}}
serviceAccountName: {{ ternary "civiparoisse-manager" "default" (and .account .root.Values.serviceAccount.inCluster) }}
automountServiceAccountToken: {{ and .account .root.Values.serviceAccount.inCluster }}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
volumes:
  - {name: state, emptyDir: {sizeLimit: {{ .root.Values.state.sizeLimit }}}}
  - {name: tmp, emptyDir: {sizeLimit: {{ .root.Values.state.sizeLimit }}}}
  - {name: keys, secret: {secretName: {{ include "manager.secret" .root }}, defaultMode: 0440}}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{/* Until the database has the tables that this version needs, nothing of it starts. */}}
{{- define "manager.schema" -}}
- name: schema
  {{- include "manager.container" (dict "root" .root "command" (list "civiparoisse" "migrate" "--check")) | nindent 2 }}
  resources: {requests: {cpu: 50m, memory: 160Mi}, limits: {memory: 320Mi}}
{{- end }}

{{- define "manager.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "manager.selector" . | nindent 8 }}
{{- end }}
