/* SPDX-License-Identifier: ISC */
/*
 * Every size and limit of the firmware on one page. Options are 0/1 constants used in plain
 * `if`. Exceeding a limit is an ordinary, tested reply, never truncation.
 */
#ifndef VAMT_CONFIG_H
#define VAMT_CONFIG_H

#define CONFIG_VERSION "0.1.0" /* of vAMT itself */

/* Log */
#define CONFIG_LOG_LEVEL    LOG_INFO
#define CONFIG_LOG_LINE_CAP 240

/* Network (net/, lwip-port/) */
#define CONFIG_NET_CONN_COUNT 16   /* TCP connections of all services together */
#define CONFIG_NET_SEND_CAP   8192 /* bytes queued in lwIP per connection */
#define CONFIG_NET_RECV_CAP \
    11680 /* bytes received and unread: the TCP window, 8 segments */
#define CONFIG_NET_MTU           1500
#define CONFIG_NET_FRAME_COUNT   32 /* received frames held at once */
#define CONFIG_NET_SERVICE_COUNT 8  /* listening ports */
#define CONFIG_NET_SPARE_COUNT \
    4 /* more, that are closing or not yet told to a protocol */
#define CONFIG_NET_REFUSAL_COUNT     8 /* connections being told that all are in use */
#define CONFIG_NET_CLOSE_MS          10000 /* after conn_close: to take the bytes still queued */
#define CONFIG_NET_LINGER_MS         3000 /* after our FIN is acknowledged: for the peer's */
#define CONFIG_NET_KEEPALIVE_MS      60000 /* silence before the first keep-alive probe */
#define CONFIG_NET_KEEPALIVE_EACH_MS 10000
#define CONFIG_NET_KEEPALIVE_COUNT   6   /* unanswered probes: the peer is dead */
#define CONFIG_NET_ANNOUNCE_COUNT    3   /* gratuitous ARPs after a migration ... */
#define CONFIG_NET_ANNOUNCE_MS       250 /* ... so far apart */
#define CONFIG_NET_HOLD_COUNT        16  /* frames kept while the engine wakes up */
#define CONFIG_NET_LATE_COUNT        32  /* frames that a fault delays, at once */

/* Latency model and injected faults (latency/, fault/) */
#define CONFIG_TUNING_CAP  4096 /* text of a profile, or of all fault rules */
#define CONFIG_FAULT_RULES 16

/* Flash store (store/) */
#define CONFIG_STORE_NAME_CAP   24
#define CONFIG_STORE_RECORD_CAP 6144

/* Keys, certificates and TLS (pki/, net/tls) */
#define CONFIG_PKI_KEYS            6
#define CONFIG_PKI_CERTIFICATES    12
#define CONFIG_PKI_CERTIFICATE_CAP 2560 /* DER; with its names it fits in a CIM instance */
#define CONFIG_PKI_KEY_CAP         2400 /* DER of RSA-4096 */
#define CONFIG_PKI_REVOKED         64
#define CONFIG_TLS_PLAIN_CAP       2048 /* decrypted and unread, per session */
#define CONFIG_TLS_TICKET_S        3600 /* a session may be resumed for so long */
#define CONFIG_TLS_YIELD_MS \
    2000 /* a handshake older than this gives way when all are taken */
#define CONFIG_TLS_SESSIONS  4
#define CONFIG_TLS_ARENA_CAP       (256 * 1024) /* all sessions in a mutual handshake take half */
#define CONFIG_TLS_HANDSHAKE_MS \
    20000 /* from the first byte to the end of the handshake */

/* Accounts, audit, set-up (account/, audit/, setup/) */
#define CONFIG_ACCOUNT_USERS    7  /* digest users besides the administrator, as AMT 11 ... */
#define CONFIG_ACCOUNT_KERBEROS 32 /* ... and Kerberos entries ... */
#define CONFIG_ACCOUNT_DOMAINS  4  /* ... of so many domains */
#define CONFIG_LOCK_FREE         5    /* refused logins in a row that cost nothing */
#define CONFIG_LOCK_FIRST_MS     1000 /* then: wait, doubled each time ... */
#define CONFIG_LOCK_MOST_MS      300000
#define CONFIG_LOCK_FORGET_MS    3600000 /* without a refused login: all is as new */
#define CONFIG_LOCK_COUNT        64 /* addresses with refused logins that are remembered */
#define CONFIG_LOCK_KNOWN        32 /* names with addresses that logged in */
#define CONFIG_AUDIT_RECORDS     512
#define CONFIG_WATCHDOG_MS       30000
#define CONFIG_CONSENT_BLOCK_MS  180000 /* no new code after three wrong ones */
#define CONFIG_SETUP_CHAIN_COUNT 4      /* certificates from leaf to root, as AMT takes */
#define CONFIG_SETUP_CHAIN_CAP   8192   /* DER of all of them */
#define CONFIG_SETUP_HASHES      16     /* trusted roots */
#define CONFIG_SETUP_RECORDS     6      /* in the provisioning record log */

/* HTTP (http/) */
#define CONFIG_HTTP_HEAD_CAP       8192  /* request line and headers together -> 431 */
#define CONFIG_HTTP_BODY_CAP       65536 /* decoded body -> 413 */
#define CONFIG_HTTP_REPLY_CAP      65536 /* rendered reply body */
#define CONFIG_HTTP_EXCHANGE_COUNT CONFIG_NET_CONN_COUNT /* requests in progress */
#define CONFIG_HTTP_HEAD_MS        10000 /* from the first byte to the end of the head -> 408 */
#define CONFIG_HTTP_BODY_MS        20000 /* from the end of the head to the end of the body */
#define CONFIG_HTTP_IDLE_MS        120000 /* keep-alive without a request: closed quietly */
#define CONFIG_HTTP_WRITE_MS       30000 /* a client that takes no byte of its reply */
#define CONFIG_HTTP_HANDLER_MS     60000 /* a handler's time to reply -> 503 */
#define CONFIG_HTTP_ANON_COUNT     2 /* exchanges for requests without a login -> 503 */
#define CONFIG_HTTP_DRAIN_CAP \
    131072                        /* refused request: bytes read over before the close */
#define CONFIG_HTTP_DRAIN_MS 2000 /* ... and the time for it */

/* Digest (account/) */
#define CONFIG_DIGEST_NONCE_COUNT   64 /* nonces remembered, least recently used goes */
#define CONFIG_DIGEST_NONCE_MS      600000 /* a nonce unused for so long is stale */
#define CONFIG_ACCOUNT_NAME_CAP     17     /* AMT: 16 characters */
#define CONFIG_ACCOUNT_PASSWORD_CAP 33

/* XML (xml/) */
#define CONFIG_XML_DEPTH      24
#define CONFIG_XML_NODES      1024
#define CONFIG_XML_ATTRIBUTES 16           /* per element */
#define CONFIG_XML_ARENA_CAP  (384 * 1024) /* expat's heap for one document */

/* CIM and WS-Management (cim/, wsman/) */
#define CONFIG_CIM_SELECTORS    8
#define CONFIG_CIM_VALUES       256  /* values in one instance, array elements counted */
#define CONFIG_CIM_TEXT_CAP     4096 /* text and octets of one instance */
#define CONFIG_WSMAN_OPERATIONS 8  /* calls that wait for their provider -> QuotaLimit */
#define CONFIG_WSMAN_CONTEXTS   16 /* open enumerations, oldest goes */
#define CONFIG_WSMAN_CONTEXT_MS 300000

/* hostlink (host/) */
#define CONFIG_HOST_FRAME_CAP   4096  /* payload of one frame */
#define CONFIG_HOST_WINDOW      16384 /* unacknowledged bytes kept per channel */
#define CONFIG_HOST_CHANNELS    4
#define CONFIG_HOST_REQUESTS    8 /* requests in flight */
#define CONFIG_HOST_REQUEST_MS  10000
#define CONFIG_HOST_AWAY_MS     5000 /* a shim gone for less is taken as restarting */
#define CONFIG_HOST_MESSAGE_CAP 8192 /* one encoded message of channel 0 */
#define CONFIG_HOST_SKIP_CAP    (256 * 1024) /* bytes skipped in search of a HELLO */
#define CONFIG_HOST_HELLO_MS    2000         /* HELLO is repeated while nobody answers */
#define CONFIG_HOST_LOG_CAP     4096         /* log lines waiting for the shim */
#define CONFIG_HOST_LISTENERS   4
#define CONFIG_HOST_TUNINGS     4 /* results of settings kept for the shim */

#endif
