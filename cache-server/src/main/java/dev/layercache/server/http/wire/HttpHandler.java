package dev.layercache.server.http.wire;

import java.io.IOException;

/** What answers requests. Thread-safe. */
public interface HttpHandler {

  /**
   * Answers a request. Called on a virtual thread of the request's own; may block. What was not
   * read of the body is thrown away afterwards.
   *
   * @throws ClientGoneException if the client went away; there is nobody to answer
   * @throws IOException anything else goes to {@link #failed}
   */
  Answer handle(Request request) throws IOException;

  /**
   * The answer in place of one that failed, or to what is no acceptable request at all ({@link
   * HttpRefusal}). Called on an event loop too: must not block.
   */
  Answer failed(Exception failure, String requestId);
}
