package dev.layercache.client;

import java.util.List;

/**
 * All pins, and what room there is for more.
 *
 * @param pins by name
 * @param takenBytes bytes that pins and leases take, a blob that several name counted for each
 * @param limitBytes bytes that they may take
 */
public record PinList(List<PinInfo> pins, long takenBytes, long limitBytes) {
  public PinList {
    pins = List.copyOf(pins);
  }
}
