#!/usr/bin/env bash
# Places an order with curl alone and follows it to its delivery, checking each answer: the README's commands.
#   examples/order.sh [URL]        the shop's URL, http://127.0.0.1:8080 by default
set -euo pipefail

URL=${1:-http://127.0.0.1:8080}

# expect PATTERN: runs the command on standard input, shows its answer, and stops unless it matches; '' is no answer.
expect() {
  local command
  command=$(cat)
  printf '\n$ %s\n' "$command"
  eval "$command" > "$ANSWER"
  cut -c 1-300 "$ANSWER"
  if [ -z "$1" ] && [ ! -s "$ANSWER" ]; then return; fi
  if [ -z "$1" ] || ! grep -Eq -- "$1" "$ANSWER"; then
    printf 'expected an answer like: %s\n' "${1:-nothing}" >&2
    exit 1
  fi
}
ANSWER=$(mktemp)
trap 'rm -f "$ANSWER"' EXIT

expect '"data":\[.*"price":26.5' <<'E'
curl -s $URL/products
E
expect '"status":(201|409)' <<'E'
curl -s $URL/register -d '{"username":"dan","password":"correct horse","firstname":"Dan","lastname":"Moss","email":"dan@example.com"}'
E
TOKEN=$(curl -s $URL/login -d '{"username":"dan","password":"correct horse"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
export TOKEN
expect '' <<'E'
curl -s $URL/cart/clear/dan -H "Authorization: Bearer $TOKEN"
E
expect '"userid":"dan"' <<'E'
curl -s $URL/cart/item/add/dan -H "Authorization: Bearer $TOKEN" -d '{"itemid":"e5cdb0d7-46df-4cce-b529-977a16a2a0cc","quantity":"2"}'
E
expect '"userid":"dan"' <<'E'
curl -s $URL/cart/item/add/dan -H "Authorization: Bearer $TOKEN" -d '{"itemid":"8145dccf-808b-408e-91ad-f71e9b9f8384","quantity":1}'
E
expect '"cartitemtotal":3' <<'E'
curl -s $URL/cart/items/total/dan -H "Authorization: Bearer $TOKEN"
E
expect '"carttotal":[0-9.]+,"userid":"dan"' <<'E'
curl -s $URL/cart/total/dan -H "Authorization: Bearer $TOKEN"
E
expect '"message":"pending payment"' <<'E'
curl -s $URL/order/add/dan -H "Authorization: Bearer $TOKEN" -d '{"firstname":"Dan","lastname":"Moss","email":"dan@example.com","delivery":"UPS/FEDEX","address":{"street":"20 Riding Lane","city":"San Francisco","zip":"10201","state":"CA","country":"USA"},"card":{"type":"Visa","number":"4111111111111111","expMonth":12,"expYear":2099,"ccv":"123"},"cart":[{"id":"e5cdb0d7-46df-4cce-b529-977a16a2a0cc","quantity":2},{"id":"8145dccf-808b-408e-91ad-f71e9b9f8384","quantity":1}]}'
E

# The newest order comes first: look at it until it is delivered, and note every status on the way.
look=$(cat <<'E'
curl -s "$URL/order/dan?limit=1" -H "Authorization: Bearer $TOKEN"
E
)
seen=''
for _ in $(seq 300); do
  eval "$look" > "$ANSWER"
  status=$(sed 's/.*"status":"\([^"]*\)".*/\1/' "$ANSWER")
  case "$seen" in *"$status") ;; *) seen="$seen > $status"; printf 'the order is: %s\n' "$status" ;; esac
  [ "$status" = delivered ] && break
  sleep 0.1
done
case "$seen" in
  *'shipped - pending delivery > delivered') printf '\nfrom a cart to a delivered order:%s\n' "${seen# >}" ;;
  *) printf 'the order went another way:%s\n' "$seen" >&2; exit 1 ;;
esac
