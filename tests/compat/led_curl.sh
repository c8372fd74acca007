# A job submitted by curl. Prints the version of curl as JSON.
set -eu
RUNTIME=${QISKIT_IBM_URL:-https://quantum.cloud.ibm.com/api/v1}
IAM=${IAM_URL:-https://iam.cloud.ibm.com}

field() { sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
TOKEN=$(curl -sSf "$IAM/identity/token" -d grant_type=urn:ibm:params:oauth:grant-type:apikey -d "apikey=$QISKIT_IBM_TOKEN" | field access_token)
ask() {
    curl -sSf "$@" -H "Authorization: Bearer $TOKEN" -H "Service-CRN: $SERVICE_CRN" -H 'IBM-API-Version: 2026-04-15'
}

FLIP='OPENQASM 3.0; include \"stdgates.inc\"; bit[1] c; x $0; c[0] = measure $0;'
PARAMS="{\"version\": 2, \"pubs\": [[\"$FLIP\", null, 64]]}"
BODY="{\"program_id\": \"sampler\", \"backend\": \"ibm_led\", \"params\": $PARAMS}"
JOB=$(ask "$RUNTIME/jobs" -H 'Content-Type: application/json' -d "$BODY" | field id)
STATUS=Queued
while [ "$STATUS" = Queued ] || [ "$STATUS" = Running ]; do
    STATUS=$(ask "$RUNTIME/jobs/$JOB?exclude_params=true" | field 'state":{"status')
done
[ "$STATUS" = Completed ]
[ "$(ask "$RUNTIME/jobs/$JOB/results" | grep -o '"0x[01]"' | wc -l)" -eq 64 ]
curl --version | sed -n '1s/curl \([^ ]*\).*/{"version": "\1"}/p'
