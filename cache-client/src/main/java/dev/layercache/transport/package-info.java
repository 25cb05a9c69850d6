/** What both sides set up around gRPC's transport: larger frames, messages that are not copied. */
package dev.layercache.transport;
