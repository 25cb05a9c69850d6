package dev.layercache.server.upstream.wire;

import java.io.IOException;
import java.net.InetAddress;

/** A host is at an address, or behind a redirect, that its upstream may not lead to. */
public final class RefusedAddressException extends IOException {
  private static final long serialVersionUID = 1;

  RefusedAddressException(String host, InetAddress address, String range) {
    super(
        "%s is at %s, which is %s (expected: a public address, or an upstream with allowPrivate)"
            .formatted(host, address.getHostAddress(), range));
  }

  RefusedAddressException(String message) {
    super(message);
  }
}
